import ctypes
import sys

major, minor = sys.version_info[:2]
lib = ctypes.PyDLL("libpython%(major)d.%(minor)d.so" % locals())  # expect: NLP101
lib.Py_IsInitialized()
