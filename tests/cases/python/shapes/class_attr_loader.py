import ctypes


class Api:
    loader = ctypes.PyDLL

    def open(self):
        return self.loader("libpython3.11.so")  # expect: NLP101
