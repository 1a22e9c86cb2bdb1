import ctypes
import sys

if not (sys.platform.find("win32") != -1):
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
