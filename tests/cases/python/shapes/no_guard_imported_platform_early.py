import ctypes
from sys import platform


def load():
    if not (platform == "win32"):
        return None
    return ctypes.PyDLL("libpython3.11.so")
