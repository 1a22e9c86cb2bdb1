import ctypes
import sysconfig
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
