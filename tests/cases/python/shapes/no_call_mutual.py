import ctypes


def a(n):
    return b(n)


def b(n):
    return a(n)


lib = ctypes.PyDLL(a(1))
lib.Py_IsInitialized()
