import ctypes
import os
from pathlib import Path

lib = ctypes.PyDLL(os.fspath(Path("/usr").joinpath("lib", "libpython3.11.so")))  # expect: NLP101
lib.Py_IsInitialized()
