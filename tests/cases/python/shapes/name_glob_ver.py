import ctypes
import glob
import sys

api = ctypes.PyDLL(glob.glob("/usr/lib/libpython%d.%d*.so*" % sys.version_info[:2])[0])  # expect: NLP101
api.Py_IsInitialized()
