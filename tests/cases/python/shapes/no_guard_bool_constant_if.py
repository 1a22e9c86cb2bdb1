import ctypes
import os

WINDOWS = bool(os.name == "nt")
if WINDOWS:
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
