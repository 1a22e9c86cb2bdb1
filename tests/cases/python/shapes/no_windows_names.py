import ctypes
import sys

v = "%d%d" % sys.version_info[:2]
lib = ctypes.PyDLL("python%s.dll" % v)
lib.f()
