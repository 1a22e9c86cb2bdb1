lib = __import__("ctypes").PyDLL("libpython3.11.so.1.0")  # expect: NLP101
lib.Py_IsInitialized()
