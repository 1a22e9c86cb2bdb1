import ctypes
import os


def load():
    if os.name == "nt":
        return None
    return ctypes.pythonapi  # expect: NLP101
