import ctypes
import sys

if sys.platform.startswith("linux"):
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
