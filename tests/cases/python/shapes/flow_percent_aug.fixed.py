import ctypes
import sys

name = "libpython%d.%d.so"
name %= sys.version_info[:2]
ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
