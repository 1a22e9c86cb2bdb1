import ctypes
import sys

name = "libpython%s.so" % ".".join(map(str, sys.version_info[:2]))
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
