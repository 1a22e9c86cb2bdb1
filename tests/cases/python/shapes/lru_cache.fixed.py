import ctypes
import functools


@functools.lru_cache(maxsize=None)
def lib():
    return ctypes.pythonapi  # expect: NLP101
