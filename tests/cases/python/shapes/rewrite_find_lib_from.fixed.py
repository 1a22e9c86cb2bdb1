from ctypes import pythonapi
from ctypes.util import find_library
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
