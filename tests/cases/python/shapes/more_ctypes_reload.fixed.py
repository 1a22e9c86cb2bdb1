import ctypes as _ctypes_mod

lib = _ctypes_mod.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
