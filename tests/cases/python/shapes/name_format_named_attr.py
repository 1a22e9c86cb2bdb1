import ctypes
import sys
lib = ctypes.PyDLL("libpython{v.major}.{v.minor}{flags}.so".format(v=sys.version_info, flags=sys.abiflags))  # expect: NLP101
lib.Py_IsInitialized()
