import ctypes
handle = getattr(ctypes.CDLL(None), "dlopen")(b"libpython3.11.so", 2)  # expect: NLP103
print(handle)
