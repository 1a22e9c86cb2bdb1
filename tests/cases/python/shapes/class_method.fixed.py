import ctypes


class Runtime:
    soname = "libpython3.11.so.1.0"

    @classmethod
    def load(cls):
        return ctypes.pythonapi  # expect: NLP101
