import ctypes
import sys

NAMES = {"linux": "libpython3.11.so", "darwin": "libpython3.11.dylib", "win32": "python311.dll"}
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
