import ctypes
import sys

NAMES = {"darwin": "libpython3.11.dylib", "win32": "python311.dll"}
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
