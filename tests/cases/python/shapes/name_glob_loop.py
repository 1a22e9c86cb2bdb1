import ctypes
import glob

for path in glob.glob("/usr/lib/libpython3*.so"):
    lib = ctypes.PyDLL(path)  # expect: NLP101
    lib.Py_IsInitialized()
