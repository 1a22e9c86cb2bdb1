import ctypes

loader = ctypes.LibraryLoader(ctypes.CDLL)
lib = loader["libpython3.11.so"]  # expect: NLP101
lib.Py_IsInitialized()
