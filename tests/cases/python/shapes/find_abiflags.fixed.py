import ctypes
import sys
from ctypes.util import find_library
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
