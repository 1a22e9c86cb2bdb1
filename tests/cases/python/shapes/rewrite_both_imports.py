import ctypes
from ctypes import CDLL

api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
print(ctypes.sizeof(ctypes.c_int))
