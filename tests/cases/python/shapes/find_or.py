import ctypes
from ctypes.util import find_library

lib = ctypes.CDLL(find_library("python3.11") or "libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
