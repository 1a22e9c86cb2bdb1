import ctypes


def load(name=None):
    if name is None:
        name = "libpython3.11.so"
    return ctypes.CDLL(name)  # expect: NLP101
