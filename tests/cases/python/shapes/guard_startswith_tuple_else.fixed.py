import ctypes
import sys

if sys.platform.startswith(("win", "cygwin")):
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
