import ctypes
import sys

major, minor = sys.version_info[:2]
lib = ctypes.PyDLL("libpython{major}.{minor}.so".format(**locals()))  # expect: NLP101
lib.Py_IsInitialized()
