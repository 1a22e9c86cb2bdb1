import ctypes
import sys

if sys.platform in ("win32", "cygwin"):
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
