import ctypes
from enum import Enum


class Lib(Enum):
    C = "libc.so.6"
    PYTHON = "libpython3.11.so"


lib = ctypes.PyDLL(Lib.C.value)
lib.Py_IsInitialized()
