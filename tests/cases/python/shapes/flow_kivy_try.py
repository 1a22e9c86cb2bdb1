import ctypes
import sys

try:
    ctypes.pythonapi = ctypes.PyDLL("libpython%d.%d.so" % sys.version_info[:2])  # expect: NLP101
except:
    pass
