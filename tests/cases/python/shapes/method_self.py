import ctypes


class Runtime:
    def __init__(self, version="3.11"):
        self.version = version
        self.name = "libpython%s.so" % self.version

    def load(self):
        return ctypes.PyDLL(self.name)  # expect: NLP101
