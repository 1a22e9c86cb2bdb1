from ctypes import (
    CDLL,  # x
    c_int,
    pythonapi,
)
a = pythonapi  # expect: NLP101
b = pythonapi  # expect: NLP101
a.Py_IsInitialized()
assert c_int
b.Py_IsInitialized()
assert c_int
