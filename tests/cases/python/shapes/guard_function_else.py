import ctypes
import sys


def is_windows():
    return sys.platform == "win32"


if is_windows():
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
