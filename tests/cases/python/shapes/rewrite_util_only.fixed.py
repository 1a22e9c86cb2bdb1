from ctypes.util import find_library
from ctypes import pythonapi

api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
