import ctypes
import sys
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
