import ctypes
class Loader:
    def __init__(self, version):
        self.version = version
    def __call__(self):
        return ctypes.CDLL("libpython" + self.version + ".so")  # expect: NLP101
Loader("3.11")().Py_IsInitialized()
