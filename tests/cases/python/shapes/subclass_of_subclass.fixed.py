from ctypes import CDLL, pythonapi


class Base(CDLL):
    pass


class Runtime(Base):
    pass


lib = pythonapi  # expect: NLP101
lib.Py_IsInitialized()
