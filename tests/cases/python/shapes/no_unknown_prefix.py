import ctypes


def load(n):
    return ctypes.CDLL("lib%s.so" % n)
