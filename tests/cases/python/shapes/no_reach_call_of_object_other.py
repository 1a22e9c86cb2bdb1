import ctypes
class Loader:
    def __call__(self, name):
        return ctypes.CDLL("libpng.so")
Loader()("libpython3.11.so")
