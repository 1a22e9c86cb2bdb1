import ctypes
import sys

ext = {"linux": ".so", "darwin": ".dylib"}[sys.platform]
lib = ctypes.PyDLL("libpython3.11" + ext)  # expect: NLP101
lib.Py_IsInitialized()
