from ctypes import cdll, util
api = cdll.LoadLibrary(util.find_library("python3.11"))  # expect: NLP101
api.Py_IsInitialized()
