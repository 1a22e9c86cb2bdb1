import ctypes


def go(load, name):
    return load(name)  # expect: NLP101


go(ctypes.PyDLL, "libpython3.11.so").Py_IsInitialized()
