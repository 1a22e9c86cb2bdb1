import ctypes


def grow(name, n):
    return grow(name + "x", n - 1) if n else name


lib = ctypes.PyDLL(grow("lib", 3))
lib.Py_IsInitialized()
