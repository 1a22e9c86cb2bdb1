import ctypes

MAJOR, MINOR = 3, 11
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
