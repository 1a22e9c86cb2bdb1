import ctypes

for name in ("libc.so.6", "libpython3.11.so"):
    if "python" in name:
        continue
    print(ctypes.CDLL(name))
