import ctypes
api = vars(ctypes).get("PyDLL")("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
