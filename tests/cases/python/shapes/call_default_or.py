import ctypes


def load(name=None):
    return ctypes.CDLL(name or "libpython3.11.so")  # expect: NLP101
