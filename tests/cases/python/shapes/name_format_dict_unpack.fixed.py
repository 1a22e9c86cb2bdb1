import ctypes
import sys

parts = {"major": 3, "minor": 11}
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
