import ctypes
import sys

v = sys.version.split()[0]
lib = ctypes.PyDLL("libpython" + v[: v.rindex(".")] + ".so")  # expect: NLP101
lib.Py_IsInitialized()
