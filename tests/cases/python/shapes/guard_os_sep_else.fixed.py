import ctypes
import os

if os.sep == "\\":
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
