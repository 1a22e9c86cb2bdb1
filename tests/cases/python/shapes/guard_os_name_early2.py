import ctypes
import os


def load():
    if os.name == "nt":
        return None
    return ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
