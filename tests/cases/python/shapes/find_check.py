from ctypes import CDLL
from ctypes.util import find_library

path = find_library("python3.11")
if path is None:
    raise RuntimeError("no libpython")
lib = CDLL(path)  # expect: NLP101
lib.Py_IsInitialized()
