def f(ctypes):
    return ctypes.CDLL("libpython3.11.so")
