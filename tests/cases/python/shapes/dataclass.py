import ctypes
from dataclasses import dataclass


@dataclass
class Options:
    library: str = "libpython3.11.so"


lib = ctypes.PyDLL(Options().library)  # expect: NLP101
lib.Py_IsInitialized()
