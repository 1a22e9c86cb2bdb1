import ctypes


def inner(name):
    return ctypes.PyDLL(name)  # expect: NLP101


def outer(name):
    return inner(name)


outer("libpython3.11.so").Py_IsInitialized()
