import ctypes


def wrap(handle):
    return ctypes.PyDLL("libpython3.11.so", handle=handle)
