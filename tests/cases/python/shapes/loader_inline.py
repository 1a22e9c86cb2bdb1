import ctypes

lib = ctypes.LibraryLoader(ctypes.PyDLL).LoadLibrary("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
