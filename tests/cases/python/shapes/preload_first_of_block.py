import ctypes
def f():
    ctypes.CDLL("libpython3.11.so")  # expect: NLP102
    import vendor
    return vendor
