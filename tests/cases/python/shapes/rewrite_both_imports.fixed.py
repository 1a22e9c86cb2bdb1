import ctypes
from ctypes import pythonapi

api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
print(ctypes.sizeof(ctypes.c_int))
