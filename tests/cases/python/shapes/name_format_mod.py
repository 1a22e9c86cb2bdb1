import ctypes
import sys
lib = ctypes.PyDLL("libpython{sys.version_info.major}.{sys.version_info.minor}.so".format(sys=sys))  # expect: NLP101
lib.Py_IsInitialized()
