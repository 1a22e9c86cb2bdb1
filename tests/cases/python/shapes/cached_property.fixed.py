import ctypes
import functools


class Runtime:
    @functools.cached_property
    def lib(self):
        return ctypes.pythonapi  # expect: NLP101
