import ctypes


def f():
    raise RuntimeError(ctypes.PyDLL("libpython3.11.so"))  # expect: NLP101
