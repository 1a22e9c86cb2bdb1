import ctypes
import glob

found = glob.glob("/usr/lib/libpython3*.so")
lib = ctypes.PyDLL(found.pop())  # expect: NLP101
lib.Py_IsInitialized()
