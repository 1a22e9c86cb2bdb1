import ctypes


def load(name="libpython3.11.so"):
    return ctypes.CDLL(name)  # expect: NLP101


load().Py_IsInitialized()
