import sys
from ctypes import PyDLL
if sys.argv:
    from ctypes import pythonapi
api = PyDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
