import ctypes.util as cu
from ctypes import CDLL

lib = CDLL(cu.find_library("python3.11"))  # expect: NLP101
lib.Py_IsInitialized()
