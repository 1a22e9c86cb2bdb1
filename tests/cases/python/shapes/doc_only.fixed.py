"""Doc."""

import ctypes
def f():
    return ctypes.pythonapi  # expect: NLP101
