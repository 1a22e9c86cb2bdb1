import ctypes
import functools


@functools.lru_cache(maxsize=None)
def lib():
    return ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
