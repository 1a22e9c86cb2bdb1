import ctypes
import platform

SYSTEM = platform.system()
if SYSTEM == "Windows":
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
