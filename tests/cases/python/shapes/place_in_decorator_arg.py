import ctypes
import functools


@functools.lru_cache
def get():
    return ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
