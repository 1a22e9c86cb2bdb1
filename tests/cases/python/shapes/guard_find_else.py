import ctypes
import sys

if sys.platform.find("win32") != -1:
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
