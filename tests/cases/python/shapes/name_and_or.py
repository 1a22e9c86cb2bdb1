import ctypes
import platform
import sys

api = ctypes.PyDLL(sys.platform == "darwin" and "libpython3.11.dylib" or "libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
