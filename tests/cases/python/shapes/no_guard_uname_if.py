import ctypes
import platform

if platform.uname().system == "Windows":
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
