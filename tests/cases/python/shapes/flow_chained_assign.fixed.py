import ctypes

name = soname = "libpython3.11.so"
ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
