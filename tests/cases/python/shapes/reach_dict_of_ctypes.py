import ctypes
api = ctypes.__dict__["PyDLL"]("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
