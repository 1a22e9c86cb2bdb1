import ctypes


class Runtime:
    @staticmethod
    def soname(v):
        return f"libpython{v}.so"

    def load(self):
        return ctypes.PyDLL(self.soname("3.11"))  # expect: NLP101
