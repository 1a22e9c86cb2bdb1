import ctypes


def f():
    assert ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    return bool(ctypes.CDLL("libpython3.11.so"))  # expect: NLP101
