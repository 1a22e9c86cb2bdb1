import ctypes
import ctypes as ct

if hasattr(ct, "windll"):
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
