from ctypes import pythonapi, util

lib = pythonapi  # expect: NLP101
lib.Py_IsInitialized()
