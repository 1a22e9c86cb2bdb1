import ctypes


class Mixin:
    pass


class Lib(Mixin, ctypes.PyDLL):
    pass


lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
