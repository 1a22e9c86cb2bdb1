import ctypes as _ctypes_mod

lib = _ctypes_mod.CDLL("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
