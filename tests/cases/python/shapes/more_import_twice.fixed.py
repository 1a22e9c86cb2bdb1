import ctypes
import ctypes.util

lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
