from ctypes import (
    pythonapi,  # noqa: F401
    c_int,
)

api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
print(c_int)
