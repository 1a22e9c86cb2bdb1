from ctypes import (
    PyDLL,  # noqa: F401
    c_int,
)

api = PyDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
print(c_int)
