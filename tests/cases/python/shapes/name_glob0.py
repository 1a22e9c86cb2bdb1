import ctypes
import glob

lib = ctypes.PyDLL(glob.glob("/usr/lib/libpython3*.so*")[0])  # expect: NLP101
lib.Py_IsInitialized()
