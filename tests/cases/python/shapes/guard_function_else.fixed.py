import ctypes
import sys


def is_windows():
    return sys.platform == "win32"


if is_windows():
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
