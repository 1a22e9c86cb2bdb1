import ctypes
import sys
from ctypes.util import find_library
lib = ctypes.PyDLL(find_library("python%d.%d%s" % (sys.version_info[0], sys.version_info[1], sys.abiflags)))  # expect: NLP101
lib.Py_IsInitialized()
