import ctypes
import ctypes.util
import sys

lib = ctypes.PyDLL(ctypes.util.find_library("python{}.{}".format(*sys.version_info)))  # expect: NLP101
lib.Py_IsInitialized()
