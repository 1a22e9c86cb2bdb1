import ctypes

L = dict(c=ctypes.CDLL, py=ctypes.PyDLL)
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
