import ctypes

if not (False):
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
