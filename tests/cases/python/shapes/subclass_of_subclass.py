from ctypes import CDLL


class Base(CDLL):
    pass


class Runtime(Base):
    pass


lib = Runtime("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
