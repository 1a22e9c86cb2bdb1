import ctypes
import os

lib = ctypes.CDLL(os.environ["LIBPYTHON"])
lib.Py_IsInitialized()
