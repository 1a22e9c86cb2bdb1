import ctypes
from ctypes.util import find_library


def load(version):
    return ctypes.CDLL(find_library(f"python{version}"))  # expect: NLP101
