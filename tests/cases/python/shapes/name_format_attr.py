import ctypes
import sys

lib = ctypes.PyDLL("libpython{0.major}.{0.minor}.so".format(sys.version_info))  # expect: NLP101
lib.Py_IsInitialized()
