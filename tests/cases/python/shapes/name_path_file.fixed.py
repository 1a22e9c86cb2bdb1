import ctypes
from pathlib import Path

api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
