import ctypes

options = {"name": "libpython3.11.so", "mode": ctypes.RTLD_GLOBAL}
lib = ctypes.CDLL(**options)  # expect: NLP101
lib.Py_IsInitialized()
