from ctypes import (
    CDLL,  # loads
    c_char_p,  # strings
    sizeof,  # sizes
)

libc = CDLL("libc.so.6")
api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_GetVersion()
print(c_char_p, sizeof, libc)
