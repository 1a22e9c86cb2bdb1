import ctypes
import sys

d = "d" if hasattr(sys, "gettotalrefcount") else ""
lib = ctypes.PyDLL(f"libpython{sys.version_info[0]}.{sys.version_info[1]}{d}.so")  # expect: NLP101
lib.Py_IsInitialized()
