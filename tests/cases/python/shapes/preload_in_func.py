import ctypes
def f():
    x = 1

    ctypes.CDLL("libpython3.10.so")  # expect: NLP102

    return x
