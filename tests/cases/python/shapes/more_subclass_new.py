import ctypes


class Lib(ctypes.PyDLL):
    def __new__(cls, name):
        return super().__new__(cls)


lib = Lib("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
