import ctypes

libs = [ctypes.CDLL(name) for name in ("libc.so.6", "libpython3.11.so")]  # expect: NLP101
print(libs)
