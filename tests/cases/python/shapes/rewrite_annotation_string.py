from ctypes import CDLL


def load() -> "CDLL":
    return CDLL("libpython3.11.so")  # expect: NLP101
