import ctypes

load = ctypes.cdll.LoadLibrary
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
