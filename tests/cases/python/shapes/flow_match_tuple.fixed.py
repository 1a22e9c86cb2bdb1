import ctypes
import sys

match sys.version_info[:2]:
    case (3, 11):
        name = "libpython3.11.so"
    case (3, minor):
        name = f"libpython3.{minor}.so"
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
