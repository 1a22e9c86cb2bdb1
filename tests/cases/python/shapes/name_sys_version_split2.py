import ctypes
import sys

lib = ctypes.PyDLL("libpython" + ".".join(sys.version.split(".")[:2]) + ".so")  # expect: NLP101
lib.Py_IsInitialized()
