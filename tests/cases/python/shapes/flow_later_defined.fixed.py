import ctypes


def load():
    return ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101


LIB = "libpython3.11.so"
