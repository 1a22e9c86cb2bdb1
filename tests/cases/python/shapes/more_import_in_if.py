import sys

if sys.argv:
    import ctypes
else:
    import ctypes
lib = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
