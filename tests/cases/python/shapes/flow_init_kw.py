import ctypes


class Loader:
    def __init__(self, *, library):
        self.lib = ctypes.PyDLL(library)  # expect: NLP101


Loader(library="libpython3.11.so").lib.Py_IsInitialized()
