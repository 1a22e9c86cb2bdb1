import ctypes
import sys

parts = {"major": 3, "minor": 11}
lib = ctypes.PyDLL("libpython{major}.{minor}.so".format(**parts))  # expect: NLP101
lib.Py_IsInitialized()
