import ctypes
dlopen = ctypes.CDLL(None).dlopen
dlopen.restype = ctypes.c_void_p
handle = dlopen(b"libpython3.11.so", 2)  # expect: NLP103
print(handle)
