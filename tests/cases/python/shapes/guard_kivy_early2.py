import ctypes
from kivy.utils import platform


def load():
    if platform == "android":
        return None
    return ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
