import ctypes
import os

if os.name != "posix":
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
