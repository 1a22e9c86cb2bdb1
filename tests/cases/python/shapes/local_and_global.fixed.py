from ctypes import CDLL
def f():
    from ctypes import pythonapi
    return pythonapi  # expect: NLP101
libc = CDLL(None)
