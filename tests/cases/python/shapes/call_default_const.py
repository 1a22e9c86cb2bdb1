import ctypes

DEFAULT = "libpython3.11.so"


def load(name=DEFAULT):
    return ctypes.CDLL(name)  # expect: NLP101
