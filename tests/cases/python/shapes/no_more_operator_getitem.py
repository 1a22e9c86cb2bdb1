import ctypes
import operator

lib = operator.getitem(ctypes.cdll, "libpython3.11.so")
lib.Py_IsInitialized()
