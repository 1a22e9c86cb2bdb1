import ctypes
import os

WINDOWS = bool(os.name == "nt")


def load():
    if not (WINDOWS):
        return None
    return ctypes.PyDLL("libpython3.11.so")
