import ctypes
import sys

api = ctypes.PyDLL(f"libpython{sys.version_info.major:d}.{sys.version_info.minor:d}.so")  # expect: NLP101
api.Py_IsInitialized()
