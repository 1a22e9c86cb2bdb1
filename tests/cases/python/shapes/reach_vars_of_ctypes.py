import ctypes
api = vars(ctypes)["PyDLL"]("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
