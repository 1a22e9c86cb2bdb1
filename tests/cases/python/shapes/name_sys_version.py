import ctypes
import sys

lib = ctypes.PyDLL("libpython" + sys.version[:4] + ".so")  # expect: NLP101
lib.Py_IsInitialized()
