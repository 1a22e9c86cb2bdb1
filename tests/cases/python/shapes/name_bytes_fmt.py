import ctypes

api = ctypes.PyDLL(b"libpython%d.%d.so" % (3, 11))  # expect: NLP101
api.Py_IsInitialized()
