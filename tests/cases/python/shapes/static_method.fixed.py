import ctypes


class Runtime:
    @staticmethod
    def soname(v):
        return f"libpython{v}.so"

    def load(self):
        return ctypes.pythonapi  # expect: NLP101
