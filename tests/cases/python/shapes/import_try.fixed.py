try:
    import ctypes
except ImportError:
    ctypes = None

if ctypes is not None:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
