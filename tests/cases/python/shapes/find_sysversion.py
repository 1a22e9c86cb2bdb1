import ctypes
import sys
from ctypes.util import find_library

lib = ctypes.PyDLL(find_library("python" + sys.version[:3]))  # expect: NLP101
lib.Py_IsInitialized()
