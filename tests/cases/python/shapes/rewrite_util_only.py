from ctypes.util import find_library
from ctypes import PyDLL

api = PyDLL(find_library("python3.11"))  # expect: NLP101
api.Py_IsInitialized()
