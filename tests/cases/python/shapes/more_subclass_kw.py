import ctypes


class Lib(ctypes.PyDLL):
    def __init__(self, version):
        super().__init__(name=f"libpython{version}.so", mode=ctypes.RTLD_GLOBAL)  # expect: NLP101


Lib("3.11").Py_IsInitialized()
