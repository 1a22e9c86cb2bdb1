from ctypes import (
    # loaders
    CDLL,
    # types
    c_int,
    pythonapi,
)
libc = CDLL(None)
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
assert c_int and libc
