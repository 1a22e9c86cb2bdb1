import ctypes
import sys

if any(sys.platform.startswith(p) for p in ("win", "cygwin")):
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
