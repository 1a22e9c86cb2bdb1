import ctypes

NAMES = {"python": "libpython3.11.so"}
lib = ctypes.CDLL("libc.so.6")
print(NAMES, lib)
