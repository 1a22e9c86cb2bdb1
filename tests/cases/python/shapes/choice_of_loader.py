import ctypes
import sys

loader = ctypes.CDLL if "--nogil" in sys.argv else ctypes.PyDLL
lib = loader("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
