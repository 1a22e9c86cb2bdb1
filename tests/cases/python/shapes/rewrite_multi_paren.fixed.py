from ctypes import (
    c_char_p,  # strings
    c_int,
    pythonapi,
)

api = pythonapi  # expect: NLP101
api.Py_GetVersion.restype = c_char_p
print(c_int)
