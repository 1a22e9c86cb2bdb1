import ctypes
from glob import glob

lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
