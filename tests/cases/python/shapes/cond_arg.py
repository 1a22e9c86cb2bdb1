import ctypes
import sys
lib = ctypes.PyDLL("libpython3.11.dylib" if sys.platform == "darwin" else "libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
