from __future__ import annotations
from ctypes import PyDLL
pythonapi = 3
def f():
    return PyDLL("libpython3.11.so")  # expect: NLP101
