import ctypes
import sys

lib = ctypes.CDLL("libpython_" + sys.argv[1] + ".so")
lib.f()
