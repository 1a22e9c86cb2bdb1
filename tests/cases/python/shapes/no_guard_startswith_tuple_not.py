import ctypes
import sys

if not (sys.platform.startswith(("win", "cygwin"))):
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
