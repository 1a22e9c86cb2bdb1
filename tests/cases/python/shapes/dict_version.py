import ctypes
import sys

NAMES = {(3, 11): "libpython3.11.so", (3, 12): "libpython3.12.so"}
lib = ctypes.CDLL(NAMES[sys.version_info[:2]])  # expect: NLP101
lib.Py_IsInitialized()
