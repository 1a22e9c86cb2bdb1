import ctypes
from ctypes.util import find_library


def load(version):
    return ctypes.pythonapi  # expect: NLP101
