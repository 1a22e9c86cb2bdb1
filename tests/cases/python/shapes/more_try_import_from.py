try:
    from ctypes import CDLL
except ImportError:
    raise
lib = CDLL("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
