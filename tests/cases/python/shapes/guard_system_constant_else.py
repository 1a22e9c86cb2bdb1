import ctypes
import platform

SYSTEM = platform.system()
if SYSTEM == "Windows":
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
