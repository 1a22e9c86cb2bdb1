import ctypes
import sysconfig

if sysconfig.get_platform().startswith("win"):
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
