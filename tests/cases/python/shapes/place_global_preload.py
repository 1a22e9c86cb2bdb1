import ctypes

_lib = None


def preload():
    global _lib
    _lib = ctypes.CDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)  # expect: NLP102
