import ctypes

print(ctypes.pythonapi.Py_GetVersion)  # expect: NLP101
