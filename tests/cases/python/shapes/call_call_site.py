import ctypes


def load(name):
    return ctypes.CDLL(name)  # expect: NLP101


load("libpython3.11.so").Py_IsInitialized()
