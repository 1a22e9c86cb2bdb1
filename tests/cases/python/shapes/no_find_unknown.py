import ctypes
import sys
from ctypes.util import find_library

lib = ctypes.CDLL(find_library(sys.argv[1]))
lib.puts(b"x")
