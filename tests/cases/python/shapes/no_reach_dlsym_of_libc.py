import ctypes
ctypes.CDLL(None).dlsym(None, b"libpython3.11.so")
