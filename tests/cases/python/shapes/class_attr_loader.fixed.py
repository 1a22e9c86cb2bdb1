import ctypes


class Api:
    loader = ctypes.PyDLL

    def open(self):
        return ctypes.pythonapi  # expect: NLP101
