import ctypes


class Lib(ctypes.CDLL):
    pass


Lib("libpython3.11.so")  # expect: NLP102
