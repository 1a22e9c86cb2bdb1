import ctypes
import sys

loader = ctypes.CDLL if "--nogil" in sys.argv else ctypes.PyDLL
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
