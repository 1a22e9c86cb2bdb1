import ctypes
from dataclasses import dataclass


@dataclass
class Options:
    directory: str
    library: str


options = Options("/usr/lib", library="libpython3.11.so")
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
