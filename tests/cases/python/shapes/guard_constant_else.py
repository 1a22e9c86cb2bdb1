import ctypes
import sys

IS_WINDOWS = sys.platform == "win32"
if IS_WINDOWS:
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
