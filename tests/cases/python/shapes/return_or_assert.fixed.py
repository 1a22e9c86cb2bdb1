import ctypes


def f():
    assert ctypes.pythonapi  # expect: NLP101
    return bool(ctypes.pythonapi)  # expect: NLP101
