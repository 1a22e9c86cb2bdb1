from ctypes import CDLL
def f():
    from ctypes import CDLL
    return CDLL("libpython3.11.so")  # expect: NLP101
libc = CDLL(None)
