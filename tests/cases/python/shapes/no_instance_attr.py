import ctypes


class Config:
    name = "libpython3.11.so"


class Other:
    name = "libc.so.6"


lib = ctypes.CDLL(Other.name)
lib.f()
