import ctypes
import glob

lib = ctypes.CDLL(glob.glob("/usr/lib/*.so")[0])
lib.Py_IsInitialized()
