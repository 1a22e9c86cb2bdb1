try:
    import ctypes
except ImportError:
    ctypes = None

if ctypes is not None:
    lib = ctypes.PyDLL("libpython3.11.so.1.0")  # expect: NLP101
    lib.Py_IsInitialized()
