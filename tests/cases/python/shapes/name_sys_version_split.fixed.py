import ctypes
import sys

v = sys.version.split()[0]
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
