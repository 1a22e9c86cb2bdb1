import ctypes
import os
from pathlib import Path

lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
