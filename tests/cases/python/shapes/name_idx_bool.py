import ctypes
import platform
import sys

api = ctypes.PyDLL(("libpython3.11.so", "libpython3.11.dylib")[sys.platform == "darwin"])  # expect: NLP101
api.Py_IsInitialized()
