import ctypes
import sys

if sys.platform == "win32":
    lib = ctypes.PyDLL("libpython3.11.so")
elif sys.platform == "cygwin":
    lib = ctypes.PyDLL("libpython3.11.so")
elif sys.platform == "darwin":
    lib = ctypes.PyDLL("libpython3.11.dylib")  # expect: NLP101
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
