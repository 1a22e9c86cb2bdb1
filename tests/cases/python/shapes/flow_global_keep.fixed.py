import ctypes
import sys

_HANDLES = []


def preload():
    _HANDLES.append(ctypes.pythonapi)  # expect: NLP101


preload()
