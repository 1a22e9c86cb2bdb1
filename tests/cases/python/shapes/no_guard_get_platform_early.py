import ctypes
import sysconfig


def load():
    if not (sysconfig.get_platform().startswith("win")):
        return None
    return ctypes.PyDLL("libpython3.11.so")
