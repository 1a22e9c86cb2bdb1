import ctypes
import sys
import os

sys.setdlopenflags(os.RTLD_NOW | os.RTLD_GLOBAL)
