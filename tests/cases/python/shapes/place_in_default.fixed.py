import ctypes


def f(lib=ctypes.pythonapi):  # expect: NLP101
    return lib
