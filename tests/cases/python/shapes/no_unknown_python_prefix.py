import ctypes


def load(n):
    return ctypes.CDLL("libpython" + n)
