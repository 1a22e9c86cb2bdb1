import ctypes
from glob import glob

lib = ctypes.PyDLL(min(glob("/usr/lib/libpython3.*.so.1.0"), key=len))  # expect: NLP101
lib.Py_IsInitialized()
