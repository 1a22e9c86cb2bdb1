import ctypes
import sys

d = "d" if hasattr(sys, "gettotalrefcount") else ""
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
