import ctypes
import sys
from kivy.utils import platform

if platform != "macosx":
    ctypes.pythonapi = ctypes.PyDLL("libpython%d.%d.so" % sys.version_info[:2])  # expect: NLP101
