import ctypes
import sys

api = ctypes.PyDLL(sys.prefix + "/lib/libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
