import ctypes

_lib = None


def preload():
    global _lib
