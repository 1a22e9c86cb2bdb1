import ctypes
import sys

if sys.platform != "win32":
    raise ImportError("Windows only")
lib = ctypes.PyDLL("libpython3.11.so")
lib.Py_IsInitialized()
