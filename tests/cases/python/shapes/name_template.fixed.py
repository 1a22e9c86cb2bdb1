import ctypes
from string import Template

lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
