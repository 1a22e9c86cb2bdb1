import ctypes
import sys

if hasattr(sys, "getandroidapilevel"):
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
