import ctypes


def load(libname):
    def inner():
        return ctypes.CDLL(libname)  # expect: NLP101

    return inner


load("libpython3.11.so")().Py_IsInitialized()
