from ctypes import PyDLL, pythonapi


def load() -> PyDLL:
    return pythonapi  # expect: NLP101
