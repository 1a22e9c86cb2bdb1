import ctypes
import os

here = os.path.dirname(__file__)
lib = ctypes.CDLL(os.path.join(here, "libfoo.so"))
lib.f()
