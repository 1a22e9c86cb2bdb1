from ctypes import (
    CDLL,
    c_char_p,
    c_int,
)

libc = CDLL("libc.so.6")
api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_GetVersion.restype = c_char_p
print(c_int, libc)
