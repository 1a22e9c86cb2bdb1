import ctypes


def go(load=ctypes.PyDLL):
    return load("libpython3.11.so")  # expect: NLP101
