import ctypes
import os
import fnmatch

name = fnmatch.filter(os.listdir("/usr/lib"), "libpython3.*.so")[0]
ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
