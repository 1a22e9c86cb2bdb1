import ctypes

lib = getattr(ctypes.cdll, "libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
