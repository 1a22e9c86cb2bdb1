import ctypes
import sys

match sys.platform:
    case "linux":
        name = "libpython3.11.so"
    case "darwin":
        name = "libpython3.11.dylib"
    case _:
        raise RuntimeError
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
