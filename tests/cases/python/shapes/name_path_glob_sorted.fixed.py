import ctypes
import glob
import sys
from pathlib import Path

api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
