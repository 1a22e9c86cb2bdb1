import ctypes
import sys

api = ctypes.PyDLL("libpython" + sys.version.partition(" ")[0][:4] + ".so")  # expect: NLP101
api.Py_IsInitialized()
