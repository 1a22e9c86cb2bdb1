import ctypes
import sys

match sys.platform:
    case "win32" | "cygwin":
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.Py_IsInitialized()
    case _:
        lib = None
