import ctypes
import sys

api = ctypes.PyDLL("libpython{0[0]}.{0[1]}.so".format(sys.version_info))  # expect: NLP101
api.Py_IsInitialized()
