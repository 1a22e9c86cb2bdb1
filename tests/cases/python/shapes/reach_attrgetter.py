import ctypes, operator
api = operator.attrgetter("PyDLL")(ctypes)("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
