import ctypes

lib = ctypes.CDLL(name="libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
