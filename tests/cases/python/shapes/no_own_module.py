import mylib as ctypes

lib = ctypes.CDLL("libpython3.11.so")
lib.f()
