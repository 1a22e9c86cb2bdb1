import ctypes
import platform

if platform.system() == "Windows":
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
