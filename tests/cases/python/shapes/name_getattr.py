import ctypes
import sys

api = ctypes.PyDLL("libpython%d.%d.so" % getattr(sys, "version_info")[:2])  # expect: NLP101
api.Py_IsInitialized()
