from ctypes import *

lib = pythonapi  # expect: NLP101
lib.Py_IsInitialized()
