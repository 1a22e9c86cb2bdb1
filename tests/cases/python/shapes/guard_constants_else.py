import ctypes
import sys

IS_WINDOWS = sys.platform.startswith("win")
IS_CYGWIN = sys.platform == "cygwin"
if IS_WINDOWS or IS_CYGWIN:
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
