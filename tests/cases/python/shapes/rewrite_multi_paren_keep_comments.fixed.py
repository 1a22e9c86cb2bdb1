from ctypes import (
    CDLL,  # loads
    c_char_p,  # strings
    pythonapi,
    sizeof,  # sizes
)

libc = CDLL("libc.so.6")
api = pythonapi  # expect: NLP101
api.Py_GetVersion()
print(c_char_p, sizeof, libc)
