import ctypes
import os


def load(libdir):
    for name in os.listdir(libdir):
        if name.startswith("libpython3.") and name.endswith(".so"):
            return ctypes.CDLL(os.path.join(libdir, name))  # expect: NLP101
