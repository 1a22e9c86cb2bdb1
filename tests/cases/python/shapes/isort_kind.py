from ctypes import CDLL, RTLD_GLOBAL, Structure, c_int, sizeof
api = CDLL("libpython3.11.so", RTLD_GLOBAL)  # expect: NLP101
api.Py_IsInitialized()
assert Structure and c_int and sizeof
