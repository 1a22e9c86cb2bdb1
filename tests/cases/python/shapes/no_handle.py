import ctypes

lib = ctypes.PyDLL("libpython3.11.so", handle=ctypes.pythonapi._handle)
lib.Py_IsInitialized()
