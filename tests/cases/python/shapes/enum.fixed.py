import ctypes
from enum import Enum


class Lib(Enum):
    C = "libc.so.6"
    PYTHON = "libpython3.11.so"


lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
