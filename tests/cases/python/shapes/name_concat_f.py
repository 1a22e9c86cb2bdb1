import ctypes
import sys

api = ctypes.PyDLL(f"libpython{sys.version_info[0]}.11.so")  # expect: NLP101
api.Py_IsInitialized()
