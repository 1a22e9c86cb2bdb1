import ctypes

loader = ctypes.LibraryLoader(ctypes.CDLL)
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
