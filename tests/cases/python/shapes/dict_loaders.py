import ctypes

LOADERS = {"gil": ctypes.PyDLL, "nogil": ctypes.CDLL}
lib = LOADERS["gil"]("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
