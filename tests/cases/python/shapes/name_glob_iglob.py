import ctypes
import glob

lib = ctypes.PyDLL(next(glob.iglob("/usr/lib/libpython3*.so")))  # expect: NLP101
lib.Py_IsInitialized()
