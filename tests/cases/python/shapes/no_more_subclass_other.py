import ctypes


class Lib(ctypes.CDLL):
    def __init__(self, name):
        super().__init__(f"lib{name}.so")


Lib("c").puts(b"x")
