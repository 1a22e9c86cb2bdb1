import ctypes
import os
import sys

lib = ctypes.CDLL(os.path.join(sys.argv[1], sys.argv[2]))
lib.f()
