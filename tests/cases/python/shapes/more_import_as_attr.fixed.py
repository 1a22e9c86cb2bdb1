import ctypes.util as cu
from ctypes import pythonapi

lib = pythonapi  # expect: NLP101
lib.Py_IsInitialized()
