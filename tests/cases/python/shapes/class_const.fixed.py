import ctypes


class Runtime:
    SONAME = "libpython3.11.so.1.0"

    def load(self):
        return ctypes.pythonapi  # expect: NLP101
