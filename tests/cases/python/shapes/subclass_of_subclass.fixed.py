import ctypes
from ctypes import CDLL


class Base(CDLL):
    pass


class Runtime(Base):
    pass


lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
