import ctypes


def loader():
    return ctypes.PyDLL


lib = loader()("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
