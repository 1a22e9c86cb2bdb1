import ctypes

try:
    lib = ctypes.pythonapi  # expect: NLP101
except OSError:
    lib = None
else:
    lib.Py_IsInitialized()
