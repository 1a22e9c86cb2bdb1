from ctypes import (  # noqa: F401
    c_int,
    pythonapi,
)
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
assert c_int
