import ctypes
import functools


class Runtime:
    @functools.cached_property
    def lib(self):
        return ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
