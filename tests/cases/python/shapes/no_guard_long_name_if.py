import ctypes
import platform

if platform.platform().startswith("Windows"):
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
