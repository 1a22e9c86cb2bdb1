import ctypes as c

lib = c.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
