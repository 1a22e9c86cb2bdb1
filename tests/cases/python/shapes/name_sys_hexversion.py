import ctypes
import sys
lib = ctypes.PyDLL("libpython%d.%d.so" % (sys.hexversion >> 24, sys.hexversion >> 16 & 0xFF))  # expect: NLP101
lib.Py_IsInitialized()
