import ctypes

lib = ctypes.PyDLL("libpython3.11.so.1.0"[:16])  # expect: NLP101
lib.Py_IsInitialized()
