import ctypes
import sys


def name():
    if sys.platform == "darwin":
        return "libpython3.11.dylib"
    elif sys.platform == "win32":
        return "python311.dll"
    return "libpython3.11.so"


lib = ctypes.PyDLL(name())  # expect: NLP101
lib.Py_IsInitialized()
