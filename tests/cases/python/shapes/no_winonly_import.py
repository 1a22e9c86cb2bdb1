import ctypes
from ctypes import wintypes, windll

lib = ctypes.PyDLL("libpython3.11.so")
lib.f()
