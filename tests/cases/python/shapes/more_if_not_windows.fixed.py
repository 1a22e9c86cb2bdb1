import ctypes
import sys

if sys.platform != "win32":
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
