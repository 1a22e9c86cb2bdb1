import ctypes
import sys

IS_WINDOWS = sys.platform == "win32"
if IS_WINDOWS:
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
