try:
    from ctypes import pythonapi
except ImportError:
    raise
lib = pythonapi  # expect: NLP101
lib.Py_IsInitialized()
