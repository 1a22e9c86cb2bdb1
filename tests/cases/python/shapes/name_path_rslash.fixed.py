import ctypes
import sys
from pathlib import Path

lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
