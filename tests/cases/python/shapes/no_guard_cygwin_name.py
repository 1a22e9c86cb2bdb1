import ctypes
import sys

if sys.platform == "cygwin":
    name = "libpython3.11.so"
else:
    name = None
lib = ctypes.PyDLL(name)
lib.Py_IsInitialized()
