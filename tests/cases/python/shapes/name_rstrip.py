import ctypes

lib = ctypes.PyDLL("libpython3.11.so\n".rstrip())  # expect: NLP101
lib.Py_IsInitialized()
