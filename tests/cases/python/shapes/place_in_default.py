import ctypes


def f(lib=ctypes.PyDLL("libpython3.11.so")):  # expect: NLP101
    return lib
