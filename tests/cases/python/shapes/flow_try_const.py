import ctypes

try:
    from mymod import LIB
except ImportError:
    LIB = "libpython3.11.so"
ctypes.PyDLL(LIB).Py_IsInitialized()  # expect: NLP101
