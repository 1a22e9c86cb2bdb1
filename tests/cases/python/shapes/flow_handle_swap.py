import ctypes
import sys


def repair():
    try:
        ver = f"{sys.version_info.major}.{sys.version_info.minor}"
        libpy = ctypes.CDLL(f"libpython{ver}.so")  # expect: NLP101
        ctypes.cast(libpy.PyObject_GetBuffer, ctypes.c_void_p)
        ctypes.pythonapi._handle = libpy._handle
    except Exception:
        pass
