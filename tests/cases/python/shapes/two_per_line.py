from ctypes import (
    CDLL, POINTER,  # first
    c_int, sizeof,  # second
)
libc = CDLL(None)
api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
assert c_int and libc and POINTER and sizeof
