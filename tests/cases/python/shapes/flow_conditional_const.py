import ctypes
import sys

if sys.version_info >= (3, 12):
    LIB = "libpython3.12.so"
else:
    LIB = "libpython3.11.so"
ctypes.PyDLL(LIB).Py_IsInitialized()  # expect: NLP101
