import ctypes
import platform


def load():
    if not (platform.system().lower() == "windows"):
        return None
    return ctypes.PyDLL("libpython3.11.so")
