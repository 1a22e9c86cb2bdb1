import ctypes

_name = None


def setup():
    global _name
    _name = "libpython3.11.so"


def load():
    return ctypes.pythonapi  # expect: NLP101
