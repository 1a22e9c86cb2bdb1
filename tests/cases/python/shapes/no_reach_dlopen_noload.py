import ctypes, os
ctypes.CDLL(None).dlopen(b"libpython3.11.so", os.RTLD_NOLOAD | os.RTLD_NOW)
