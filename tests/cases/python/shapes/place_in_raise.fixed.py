import ctypes


def f():
    raise RuntimeError(ctypes.pythonapi)  # expect: NLP101
