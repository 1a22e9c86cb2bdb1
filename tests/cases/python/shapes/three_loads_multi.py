from ctypes import (
    CDLL,
    c_int,
)
a = CDLL("libpython3.11.so")  # expect: NLP101
b = CDLL("libpython3.12.so")  # expect: NLP101
a.Py_IsInitialized()
assert c_int
b.Py_IsInitialized()
assert c_int
