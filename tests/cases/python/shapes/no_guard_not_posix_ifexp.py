import ctypes
import os

lib = ctypes.PyDLL("libpython3.11.so") if os.name != "posix" else None
print(lib)
