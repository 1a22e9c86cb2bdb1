import ctypes
from sys import platform

if platform == "win32":
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
