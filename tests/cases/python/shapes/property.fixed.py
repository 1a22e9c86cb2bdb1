import ctypes


class Runtime:
    @property
    def soname(self):
        return "libpython3.11.so"

    def load(self):
        return ctypes.pythonapi  # expect: NLP101
