import ctypes
import glob

lib = ctypes.PyDLL(sorted(glob.glob("/usr/lib/*/libpython3.*.so"))[-1])  # expect: NLP101
lib.Py_IsInitialized()
