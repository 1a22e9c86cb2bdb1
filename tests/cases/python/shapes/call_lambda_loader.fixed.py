import ctypes

load = lambda: ctypes.pythonapi  # expect: NLP101
load().Py_IsInitialized()
