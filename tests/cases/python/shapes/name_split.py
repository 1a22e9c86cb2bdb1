import ctypes

lib = ctypes.PyDLL("libc.so.6:libpython3.11.so".split(":")[1])  # expect: NLP101
lib.Py_IsInitialized()
