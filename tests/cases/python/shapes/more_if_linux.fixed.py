import ctypes
import sys

if sys.platform.startswith("linux"):
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
