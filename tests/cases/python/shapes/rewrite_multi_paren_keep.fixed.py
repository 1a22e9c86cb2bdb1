from ctypes import (
    CDLL,
    c_char_p,
    c_int,
    pythonapi,
)

libc = CDLL("libc.so.6")
api = pythonapi  # expect: NLP101
api.Py_GetVersion.restype = c_char_p
print(c_int, libc)
