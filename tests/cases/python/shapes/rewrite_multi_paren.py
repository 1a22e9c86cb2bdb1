from ctypes import (
    CDLL,
    c_char_p,  # strings
    c_int,
)

api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_GetVersion.restype = c_char_p
print(c_int)
