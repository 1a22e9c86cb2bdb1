import ctypes
import sys

api = ctypes.PyDLL("libpython" + ".".join([str(p) for p in sys.version_info[:2]]) + ".so")  # expect: NLP101
api.Py_IsInitialized()
