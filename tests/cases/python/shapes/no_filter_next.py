import ctypes

lib = ctypes.CDLL(next(n for n in ("libc.so.6", "libpython3.11.so") if n.startswith("libc")))
print(lib)
