import ctypes
import glob
import sys

found = glob.glob(f"{sys.base_prefix}/lib/libpython{sys.version_info[0]}.*.so*")
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
