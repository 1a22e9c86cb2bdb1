import ctypes
import sys


def load():
    if not (hasattr(sys, "getandroidapilevel")):
        return None
    return ctypes.PyDLL("libpython3.11.so")
