import ctypes


def f():
    pass
