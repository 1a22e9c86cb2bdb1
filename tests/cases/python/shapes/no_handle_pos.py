import ctypes

lib = ctypes.PyDLL("libpython3.11.so", ctypes.DEFAULT_MODE, ctypes.pythonapi._handle)
lib.Py_IsInitialized()
