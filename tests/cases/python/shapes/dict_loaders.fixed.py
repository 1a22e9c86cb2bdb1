import ctypes

LOADERS = {"gil": ctypes.PyDLL, "nogil": ctypes.CDLL}
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
