import ctypes
import sys


def load():
    if sys.platform in ("win32", "cygwin"):
        return None
    return ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
