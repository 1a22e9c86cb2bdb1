import ctypes
import sys


class Platform:
    windows = sys.platform == "win32"


if Platform.windows:
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
