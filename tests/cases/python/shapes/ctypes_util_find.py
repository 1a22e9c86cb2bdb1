from ctypes import CDLL, util

lib = CDLL(util.find_library("python3.11"))  # expect: NLP101
lib.Py_IsInitialized()
