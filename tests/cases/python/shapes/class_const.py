import ctypes


class Runtime:
    SONAME = "libpython3.11.so.1.0"

    def load(self):
        return ctypes.PyDLL(self.SONAME)  # expect: NLP101
