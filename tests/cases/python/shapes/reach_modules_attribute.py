import ctypes, sys
api = sys.modules["ctypes"].PyDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
