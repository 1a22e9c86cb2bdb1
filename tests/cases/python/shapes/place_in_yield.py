import ctypes


def gen():
    yield ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
