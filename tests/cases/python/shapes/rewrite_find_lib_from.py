from ctypes import CDLL
from ctypes.util import find_library
api = CDLL(find_library("python3.11"))  # expect: NLP101
api.Py_IsInitialized()
