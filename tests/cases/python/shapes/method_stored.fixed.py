import ctypes


class Api:
    def __init__(self):
        self.lib = ctypes.pythonapi  # expect: NLP101

    def clear(self):
        self.lib.Py_IsInitialized()
