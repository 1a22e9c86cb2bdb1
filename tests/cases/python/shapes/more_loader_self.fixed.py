import ctypes


class A:
    def __init__(self):
        self.load = ctypes.PyDLL

    def go(self):
        return ctypes.pythonapi  # expect: NLP101
