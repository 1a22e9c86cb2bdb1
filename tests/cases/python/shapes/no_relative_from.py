from .ctypes import CDLL

lib = CDLL("libpython3.11.so")
lib.f()
