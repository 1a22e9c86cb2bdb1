import ctypes
import sys


def soname(platform=sys.platform):
    if platform == "win32":
        return "libpython3.11.so"
    return "libc.so.6"


ctypes.CDLL(soname()).f()
