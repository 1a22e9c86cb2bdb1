import ctypes
import sys


def load():
    if sys.platform in ("win32", "cygwin"):
        return None
    return ctypes.pythonapi  # expect: NLP101
