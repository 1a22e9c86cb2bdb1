from __future__ import annotations
import ctypes
pythonapi = 3
def f():
    return ctypes.pythonapi  # expect: NLP101
