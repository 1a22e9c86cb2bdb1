from __future__ import annotations
import ctypes


def load(name: str = "libpython3.11.so") -> ctypes.PyDLL:
    return ctypes.PyDLL(name)  # expect: NLP101
