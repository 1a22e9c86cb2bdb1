import ctypes
import os

lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
