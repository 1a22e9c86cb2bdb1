import ctypes
import ctypes.util

if name := ctypes.util.find_library("python3.11"):
    lib = ctypes.PyDLL(name)  # expect: NLP101
    lib.Py_IsInitialized()
