import ctypes
import ctypes.util
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
