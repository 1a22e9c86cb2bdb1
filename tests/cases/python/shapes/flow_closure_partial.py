from functools import partial
import ctypes


def load(name, loader=ctypes.CDLL):
    return loader(name)  # expect: NLP101


load_python = partial(load, "libpython3.11.so")
load_python().Py_IsInitialized()
