import sys
from ctypes import pythonapi
if sys.argv:
    from ctypes import pythonapi
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
