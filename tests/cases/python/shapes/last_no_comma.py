from ctypes import (
    CDLL,  # loads
    c_int  # ints
)
libc = CDLL(None)
api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
assert c_int and libc
