import ctypes


class Base:
    name = "libc.so.6"

    def load(self):
        return ctypes.PyDLL(self.name)  # expect: NLP101


class Python(Base):
    name = "libpython3.11.so"


Python().load().Py_IsInitialized()
