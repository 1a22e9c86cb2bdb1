import ctypes

print(f"{ctypes.pythonapi.Py_IsInitialized()}")  # expect: NLP101
