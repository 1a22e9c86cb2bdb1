import ctypes
import sys

if sys.platform[:3] == "win":
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
