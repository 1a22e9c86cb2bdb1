import ctypes

lib = ctypes.CDLL("libc.so.6")
if lib._name == "libpython3.11.so":
    print("x")
