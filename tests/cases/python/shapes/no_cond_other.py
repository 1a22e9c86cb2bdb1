import ctypes
import sys

name = "libpython3.11.so" if sys.platform == "win32" else "libc.so.6"
lib = ctypes.CDLL(name)
lib.f()
