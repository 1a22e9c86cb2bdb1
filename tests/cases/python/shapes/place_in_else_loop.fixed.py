import ctypes

for i in ():
    pass
else:
    ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
