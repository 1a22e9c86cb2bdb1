import ctypes

for name, mode in [("libc.so.6", 0), ("libpython3.11.so", ctypes.RTLD_GLOBAL)]:
    ctypes.CDLL(name, mode)  # expect: NLP102
