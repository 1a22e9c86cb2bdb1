import ctypes
from typing import NamedTuple


class Lib(NamedTuple):
    name: str
    mode: int = 0


RUNTIME = Lib("libpython3.11.so")
lib = ctypes.PyDLL(RUNTIME.name)  # expect: NLP101
lib.Py_IsInitialized()
