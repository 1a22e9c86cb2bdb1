import ctypes, os
for name in os.listdir("/usr/lib"):
    if name not in ("libpython3.11.so", "libpython3.12.so"):
        ctypes.CDLL(name)
