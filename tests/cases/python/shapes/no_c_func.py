from ctypes import CFUNCTYPE, c_int

f = CFUNCTYPE(c_int)(("libpython3.11.so", None))
