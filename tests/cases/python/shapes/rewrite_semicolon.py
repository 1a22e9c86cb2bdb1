import ctypes; api = ctypes.PyDLL("libpython3.11.so"); api.Py_IsInitialized()  # expect: NLP101
