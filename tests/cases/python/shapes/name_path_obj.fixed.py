import ctypes
import sys
from pathlib import Path

LIB = Path("/usr/lib/x86_64-linux-gnu")
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
