import ctypes
import sys

if not sys.platform.startswith("win"):
    sys.exit("Windows only")
lib = ctypes.PyDLL("libpython3.11.so")
lib.Py_IsInitialized()
