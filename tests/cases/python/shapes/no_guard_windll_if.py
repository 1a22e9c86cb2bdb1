import ctypes
import ctypes as ct

if hasattr(ct, "windll"):
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
