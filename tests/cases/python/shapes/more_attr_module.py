import ctypes


class Lib:
    c = ctypes


lib = Lib.c.CDLL("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
