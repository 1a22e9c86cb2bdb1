from ctypes import CDLL, pythonapi


def load() -> "CDLL":
    return pythonapi  # expect: NLP101
