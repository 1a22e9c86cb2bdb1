import ctypes

lib = ctypes.cdll._dlltype("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
