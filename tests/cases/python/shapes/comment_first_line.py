from ctypes import (  # noqa: F401
    CDLL,
    c_int,
)
api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
assert c_int
