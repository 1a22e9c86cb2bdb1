import ctypes


class Loader:
    def load(self, name):
        return ctypes.PyDLL(name)  # expect: NLP101


Loader().load("libpython3.11.so").Py_IsInitialized()
