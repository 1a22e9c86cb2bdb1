import ctypes
import sys

lib = ctypes.PyDLL(f"libpython{'.'.join(map(str, sys.version_info[:2]))}.so.1.0")  # expect: NLP101
lib.Py_IsInitialized()
