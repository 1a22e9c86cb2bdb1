import ctypes

MAJOR, MINOR = 3, 11
lib = ctypes.PyDLL("libpython%d.%d.so" % (MAJOR, MINOR))  # expect: NLP101
lib.Py_IsInitialized()
