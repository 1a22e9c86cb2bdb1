import ctypes
import functools


@functools.lru_cache
def get():
    return ctypes.pythonapi  # expect: NLP101
