import ctypes
from glob import glob

lib = ctypes.PyDLL(max(glob("/usr/lib/libpython3.*.so.1.0")))  # expect: NLP101
lib.Py_IsInitialized()
