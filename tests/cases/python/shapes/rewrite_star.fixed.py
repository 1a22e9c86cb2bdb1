from ctypes import *

api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
