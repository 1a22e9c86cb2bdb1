import ctypes
import glob

lib = ctypes.CDLL(glob.glob("build/lib*.so")[0])
lib.f()
