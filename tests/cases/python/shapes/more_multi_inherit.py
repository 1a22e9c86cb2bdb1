import ctypes


class Mixin:
    pass


class Lib(Mixin, ctypes.PyDLL):
    pass


lib = Lib("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
