import ctypes
import sys
from pathlib import Path

lib = ctypes.PyDLL("/usr/lib" / Path("libpython3.11.so"))  # expect: NLP101
lib.Py_IsInitialized()
