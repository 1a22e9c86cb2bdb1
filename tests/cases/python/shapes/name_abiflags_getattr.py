import ctypes
import sys
api = ctypes.PyDLL("libpython%d.%d%s.so" % (sys.version_info[0], sys.version_info[1], getattr(sys, "abiflags", "")))  # expect: NLP101
api.Py_IsInitialized()
