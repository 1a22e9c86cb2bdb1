import ctypes

loader = ctypes.LibraryLoader(ctypes.PyDLL)
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
