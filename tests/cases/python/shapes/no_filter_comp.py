import ctypes

libs = [ctypes.CDLL(n) for n in ("libc.so.6", "libpython3.11.so") if not n.startswith("libpython")]
print(libs)
