from ctypes import PyDLL


def load() -> PyDLL:
    return PyDLL("libpython3.11.so")  # expect: NLP101
