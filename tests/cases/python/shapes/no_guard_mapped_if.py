import ctypes
import sys

PLATFORM = {"win32": "windows", "cygwin": "windows"}.get(sys.platform, "unix")
if PLATFORM == "windows":
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
