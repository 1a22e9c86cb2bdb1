import ctypes

lib = ctypes.PyDLL("libpythonX.Y.so".replace("X.Y", "3.11"))  # expect: NLP101
lib.Py_IsInitialized()
