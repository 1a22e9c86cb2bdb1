import ctypes
handle = ctypes.CDLL(None).dlopen(ctypes.c_char_p(b"libpython3.11.so"), 2)  # expect: NLP103
print(handle)
