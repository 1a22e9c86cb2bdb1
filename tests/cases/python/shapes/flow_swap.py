import ctypes

a, b = "libc.so.6", "libpython3.11.so"
a, b = b, a
ctypes.PyDLL(a).Py_IsInitialized()  # expect: NLP101
