import ctypes
import platform

SYSTEM = platform.system()
if SYSTEM == "Windows":
    name = "libpython3.11.so"
else:
    name = None
lib = ctypes.PyDLL(name)
lib.Py_IsInitialized()
