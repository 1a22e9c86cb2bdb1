import ctypes

lib = ctypes.CDLL(b"libc.so.6")
lib.f()
