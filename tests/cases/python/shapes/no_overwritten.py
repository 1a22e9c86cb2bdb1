import ctypes

name = "libpython3.11.so"
name = "libc.so.6"
lib = ctypes.CDLL(name)
lib.f()
