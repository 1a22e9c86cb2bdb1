import ctypes

name = soname = "libpython3.11.so"
ctypes.PyDLL(soname).Py_IsInitialized()  # expect: NLP101
