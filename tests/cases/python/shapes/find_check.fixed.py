from ctypes import pythonapi
from ctypes.util import find_library

path = find_library("python3.11")
if path is None:
    raise RuntimeError("no libpython")
lib = pythonapi  # expect: NLP101
lib.Py_IsInitialized()
