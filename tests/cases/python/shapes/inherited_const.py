import ctypes


class Base:
    name = "libpython3.11.so"


class Python(Base):
    def load(self):
        return ctypes.PyDLL(self.name)  # expect: NLP101
