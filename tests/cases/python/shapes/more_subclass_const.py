import ctypes


class Lib(ctypes.PyDLL):
    NAME = "libpython3.11.so"

    def __init__(self):
        super().__init__(self.NAME)  # expect: NLP101


Lib().Py_IsInitialized()
