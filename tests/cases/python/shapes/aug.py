import ctypes
import sys

name = "libpython"
name += "3.11"
name += ".dylib" if sys.platform == "darwin" else ".so"
lib = ctypes.PyDLL(name)  # expect: NLP101
lib.Py_IsInitialized()
