import ctypes
import sys
from pathlib import Path

LIB = Path("/usr/lib/x86_64-linux-gnu")
lib = ctypes.PyDLL(LIB / f"libpython{sys.version_info.major}.{sys.version_info.minor}.so")  # expect: NLP101
lib.Py_IsInitialized()
