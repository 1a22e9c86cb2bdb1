import ctypes


class A:
    def __init__(self):
        self.load = ctypes.PyDLL

    def go(self):
        return self.load("libpython3.11.so")  # expect: NLP101
