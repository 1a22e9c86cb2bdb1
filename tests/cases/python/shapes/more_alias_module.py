import ctypes

ct = ctypes
lib = ct.CDLL("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
