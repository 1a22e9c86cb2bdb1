import ctypes
import sys
api = ctypes.PyDLL("libpython%d.%d.so" % (sys.implementation.version.major, sys.implementation.version.minor))  # expect: NLP101
api.Py_IsInitialized()
