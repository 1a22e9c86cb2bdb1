from ctypes import CDLL, pythonapi
libc = CDLL(None)
def f():
    return pythonapi  # expect: NLP101
