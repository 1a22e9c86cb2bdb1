import ctypes

lib = ctypes.cdll.__getitem__("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
