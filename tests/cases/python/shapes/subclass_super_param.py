import ctypes


class Runtime(ctypes.CDLL):
    def __init__(self, name):
        super().__init__(name, mode=ctypes.RTLD_GLOBAL)

    def version(self):
        return self.Py_GetVersion()


lib = Runtime("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
