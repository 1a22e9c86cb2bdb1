import ctypes


def loader():
    return ctypes.PyDLL


lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
