from ctypes import CDLL
libc = CDLL(None)
def f():
    return CDLL("libpython3.11.so")  # expect: NLP101
