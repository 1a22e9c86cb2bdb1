import ctypes
import ctypes.util

lib = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
