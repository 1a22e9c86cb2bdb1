import ctypes
import sys


def load():
    if not (sys.platform[:3] == "win"):
        return None
    return ctypes.PyDLL("libpython3.11.so")
