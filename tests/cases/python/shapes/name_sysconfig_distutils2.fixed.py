import ctypes
import distutils.sysconfig as dsc

lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
