import ctypes


def f():
    return 1
    ctypes.CDLL("libpython3.11.so")
