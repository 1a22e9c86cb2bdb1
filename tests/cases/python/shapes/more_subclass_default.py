import ctypes


class Lib(ctypes.PyDLL):
    def __init__(self, name="libpython3.11.so"):
        super().__init__(name)  # expect: NLP101


Lib().Py_IsInitialized()
