import ctypes

if False:
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
