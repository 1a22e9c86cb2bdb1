import ctypes
import sys

name = "libpython%d.%d.so"
name %= sys.version_info[:2]
ctypes.PyDLL(name).Py_IsInitialized()  # expect: NLP101
