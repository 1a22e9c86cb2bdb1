import ctypes

ct = ctypes
lib = ct.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
