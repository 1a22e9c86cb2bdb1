import ctypes
import _ctypes

lib = ctypes.CDLL("libpython3.11.so", handle=_ctypes.dlopen("libpython3.11.so", 2))  # expect: NLP103
lib.Py_IsInitialized()
