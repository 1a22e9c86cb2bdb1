import ctypes
import sys

major, minor = sys.version_info[:2]
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
