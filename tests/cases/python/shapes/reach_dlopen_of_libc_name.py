import ctypes, os
libc = ctypes.CDLL(None)
handle = libc.dlopen(b"libpython3.11.so", os.RTLD_NOW)  # expect: NLP103
print(handle)
