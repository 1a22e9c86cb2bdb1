import ctypes
ctypes.CDLL(None).dlopen(b"libpng.so", 2)
print("libpython3.so")
