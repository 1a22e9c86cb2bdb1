import ctypes

a, b = "libc.so.6", "libpython3.11.so"
ctypes.PyDLL(a).Py_IsInitialized()
