import ctypes
import sys

ext = {"linux": ".so", "darwin": ".dylib"}[sys.platform]
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
