import ctypes
class A:
    pass
