import ctypes


def gen():
    yield ctypes.pythonapi  # expect: NLP101
