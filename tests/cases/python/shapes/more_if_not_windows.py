import ctypes
import sys

if sys.platform != "win32":
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
