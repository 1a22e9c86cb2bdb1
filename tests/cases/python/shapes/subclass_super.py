import ctypes


class Runtime(ctypes.PyDLL):
    def __init__(self):
        super().__init__("libpython3.11.so")  # expect: NLP101


Runtime().Py_IsInitialized()
