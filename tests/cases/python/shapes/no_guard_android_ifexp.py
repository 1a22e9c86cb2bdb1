import ctypes
import sys

lib = ctypes.PyDLL("libpython3.11.so") if sys.platform == "android" else None
print(lib)
