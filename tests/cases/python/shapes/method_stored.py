import ctypes


class Api:
    def __init__(self):
        self.lib = ctypes.CDLL("libpython3.11.so")  # expect: NLP101

    def clear(self):
        self.lib.Py_IsInitialized()
