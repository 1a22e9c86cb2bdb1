import ctypes
import sys

_HANDLES = []


def preload():
    pass


preload()
