import ctypes


class Lib(ctypes.CDLL):
    pass
