import ctypes


def load(name):
    return ctypes.CDLL("lib" + name + ".so")


libc = load("c")
libm = load("m")
libm.sin()
