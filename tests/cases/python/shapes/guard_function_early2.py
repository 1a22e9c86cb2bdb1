import ctypes
import sys


def is_windows():
    return sys.platform == "win32"


def load():
    if is_windows():
        return None
    return ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
