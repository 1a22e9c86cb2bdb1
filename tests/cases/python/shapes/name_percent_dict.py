import ctypes
import sys
lib = ctypes.PyDLL("libpython%(major)d.%(minor)d.so" % {"major": sys.version_info.major, "minor": sys.version_info.minor})  # expect: NLP101
lib.Py_IsInitialized()
