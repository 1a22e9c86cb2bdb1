import ctypes
import sys

if sys.platform == "android":
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
