import ctypes
import os


def load():
    assert os.name == "nt", "Windows only"
    return ctypes.PyDLL("libpython3.11.so")
