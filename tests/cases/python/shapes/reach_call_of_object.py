import ctypes
class Loader:
    def __call__(self, name):
        return ctypes.CDLL(name)  # expect: NLP101
load = Loader()
api = load("libpython3.11.so")
api.Py_IsInitialized()
