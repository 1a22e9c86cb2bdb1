import ctypes
import sys

PATTERN = "libVERSION.so.1.0"
api = ctypes.pythonapi  # expect: NLP101
print(api.Py_IsInitialized())
