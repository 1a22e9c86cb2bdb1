import ctypes, operator
api = operator.methodcaller("LoadLibrary", "libpython3.11.so")(ctypes.cdll)  # expect: NLP101
api.Py_IsInitialized()
