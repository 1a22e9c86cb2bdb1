import ctypes
import ctypes.util
api = ctypes.PyDLL(ctypes.util.find_library("python3.11") or ctypes.util.find_library("python3"))  # expect: NLP101
api.Py_IsInitialized()
