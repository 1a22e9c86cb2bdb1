import ctypes


class Runtime:
    def __init__(self, path):
        self.path = path

    def load(self):
        return ctypes.PyDLL(self.path)  # expect: NLP101


Runtime("/usr/lib/libpython3.11.so").load().Py_IsInitialized()
