import ctypes
import sys

lib = ctypes.PyDLL("libpython{major}.{minor}.so".format_map({"major": 3, "minor": 11}))  # expect: NLP101
lib.Py_IsInitialized()
