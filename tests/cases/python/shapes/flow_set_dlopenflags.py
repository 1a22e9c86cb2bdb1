import ctypes
import sys
import os

sys.setdlopenflags(os.RTLD_NOW | os.RTLD_GLOBAL)
ctypes.cdll.LoadLibrary(os.path.join(sys.prefix, "lib", "libpython3.9.so"))  # expect: NLP102
