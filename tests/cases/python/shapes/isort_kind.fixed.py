from ctypes import RTLD_GLOBAL, Structure, c_int, pythonapi, sizeof
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
assert Structure and c_int and sizeof
