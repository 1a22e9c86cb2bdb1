import ctypes
import platform

if platform.system().lower() == "windows":
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
