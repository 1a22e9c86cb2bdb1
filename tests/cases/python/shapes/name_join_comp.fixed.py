import ctypes
import sys

name = "libpython" + ".".join(str(part) for part in sys.version_info[:2]) + ".so"
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
