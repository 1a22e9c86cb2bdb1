import ctypes
import sys

lib = ctypes.PyDLL("libpython3.11.so") if any(sys.platform.startswith(p) for p in ("win", "cygwin")) else None
print(lib)
