import ctypes
import ctypes as ct

if hasattr(ct, "windll"):
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
