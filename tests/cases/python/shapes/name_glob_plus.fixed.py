import ctypes
import glob
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
