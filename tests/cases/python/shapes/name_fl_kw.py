import ctypes
import ctypes.util

api = ctypes.PyDLL(ctypes.util.find_library(name="python3.11"))  # expect: NLP101
api.Py_IsInitialized()
