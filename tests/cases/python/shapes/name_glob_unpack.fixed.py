import ctypes
import glob

[path] = glob.glob("/usr/lib/libpython3*.so")
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
