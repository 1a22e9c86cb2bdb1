import ctypes


def f():
    pass


ctypes.CDLL("libpython3.10.so", mode=ctypes.RTLD_GLOBAL)  # expect: NLP102
