import ctypes
import sys

lib = ctypes.PyDLL("libpython{}.{}.so".format(*sys.version_info))  # expect: NLP101
lib.Py_IsInitialized()
