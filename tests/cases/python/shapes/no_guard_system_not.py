import ctypes
import platform

if not (platform.system() == "Windows"):
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
