import ctypes
import sys

match sys.platform:
    case p if p.startswith("win"):
        lib = ctypes.PyDLL("libpython3.11.so")
    case _:
        lib = ctypes.pythonapi
lib.Py_IsInitialized()
