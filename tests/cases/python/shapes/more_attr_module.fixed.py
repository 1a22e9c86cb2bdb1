import ctypes


class Lib:
    c = ctypes


lib = Lib.c.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
