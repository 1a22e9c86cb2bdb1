def a():
    import ctypes

    return ctypes.sizeof(ctypes.c_int)


def b():
    return ctypes.CDLL("libpython3.11.so")
