from ctypes import (
    CDLL,  # loads
    c_int,  # ints
    pythonapi,
)
libc = CDLL(None)
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
assert c_int and libc
