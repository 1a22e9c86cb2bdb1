import ctypes

arguments = ("libpython3.11.so", ctypes.RTLD_GLOBAL)
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
