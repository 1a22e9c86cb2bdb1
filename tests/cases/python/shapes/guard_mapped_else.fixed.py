import ctypes
import sys

PLATFORM = {"win32": "windows", "cygwin": "windows"}.get(sys.platform, "unix")
if PLATFORM == "windows":
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
