import ctypes
import sys
from ctypes.util import find_library

lib = ctypes.PyDLL(find_library(f"python{sys.version_info.major}.{sys.version_info.minor}"))  # expect: NLP101
lib.Py_IsInitialized()
