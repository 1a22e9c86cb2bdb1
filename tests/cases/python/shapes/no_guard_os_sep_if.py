import ctypes
import os

if os.sep == "\\":
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
