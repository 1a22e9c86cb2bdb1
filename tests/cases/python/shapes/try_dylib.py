import ctypes

name = "libpython3.11.so"
try:
    lib = ctypes.PyDLL(name)  # expect: NLP101
except OSError:
    name = "libc.so.6"
    lib = ctypes.CDLL(name)
lib.f()
