from ctypes import (
    CDLL, POINTER,  # first
    c_int, pythonapi, sizeof,  # second
)
libc = CDLL(None)
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
assert c_int and libc and POINTER and sizeof
