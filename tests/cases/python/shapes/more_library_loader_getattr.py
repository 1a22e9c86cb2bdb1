import ctypes

loader = ctypes.LibraryLoader(ctypes.PyDLL)
lib = getattr(loader, "libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
