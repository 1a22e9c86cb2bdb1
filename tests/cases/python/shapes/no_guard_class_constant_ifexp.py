import ctypes
import sys


class Platform:
    windows = sys.platform == "win32"


lib = ctypes.PyDLL("libpython3.11.so") if Platform.windows else None
print(lib)
