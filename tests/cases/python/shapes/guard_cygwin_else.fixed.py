import ctypes
import sys

if sys.platform == "cygwin":
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
