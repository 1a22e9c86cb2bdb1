import ctypes

LIBS = dict(python="libpython3.11.so", c="libc.so")
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
