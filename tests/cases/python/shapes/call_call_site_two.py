import ctypes


def load(name):
    return ctypes.CDLL("lib" + name + ".so")  # expect: NLP101


libc = load("c")
api = load("python3.11")
api.Py_IsInitialized()
