import ctypes

_lib = None


def lib():
    global _lib
    if _lib is None:
        _lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    return _lib
