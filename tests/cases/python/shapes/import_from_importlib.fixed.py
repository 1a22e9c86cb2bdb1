import ctypes
from importlib import import_module

lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
