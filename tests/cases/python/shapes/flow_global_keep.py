import ctypes
import sys

_HANDLES = []


def preload():
    _HANDLES.append(ctypes.CDLL("libpython3.11.so.1.0", mode=ctypes.RTLD_GLOBAL))  # expect: NLP102


preload()
