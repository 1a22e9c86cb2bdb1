import ctypes
vars(ctypes)["c_char_p"](b"libpython3.11.so")
print(ctypes.CDLL)
