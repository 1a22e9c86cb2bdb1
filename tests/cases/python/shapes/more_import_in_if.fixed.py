import sys

if sys.argv:
    import ctypes
else:
    import ctypes
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
