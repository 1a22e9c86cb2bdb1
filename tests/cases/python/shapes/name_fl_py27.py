import ctypes
import ctypes.util

api = ctypes.PyDLL(ctypes.util.find_library("python2.7"))  # expect: NLP101
api.Py_IsInitialized()
