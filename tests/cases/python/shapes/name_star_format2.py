import ctypes
import sys
lib = ctypes.PyDLL("libpython{0}.{1}{2}.so".format(sys.version_info[0], sys.version_info[1], sys.abiflags))  # expect: NLP101
lib.Py_IsInitialized()
