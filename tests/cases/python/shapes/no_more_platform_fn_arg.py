import ctypes
import sys


def load(platform):
    if platform == "win32":
        return ctypes.PyDLL("libpython3.11.so")


load(sys.platform)
