import ctypes


def load(name="libpython3.11.so", /, *, mode=0):
    return ctypes.PyDLL(name, mode)  # expect: NLP101
