import ctypes

arguments = ("libpython3.11.so", ctypes.RTLD_GLOBAL)
lib = ctypes.CDLL(*arguments)  # expect: NLP101
lib.Py_IsInitialized()
