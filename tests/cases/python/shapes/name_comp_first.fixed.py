import ctypes
import os
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
