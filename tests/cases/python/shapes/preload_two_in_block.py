import ctypes
def f():
    ctypes.CDLL("libpython3.11.so")  # expect: NLP102
    ctypes.CDLL("libpython3.12.so")  # expect: NLP102
