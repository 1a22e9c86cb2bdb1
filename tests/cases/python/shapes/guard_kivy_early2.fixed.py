import ctypes
from kivy.utils import platform


def load():
    if platform == "android":
        return None
    return ctypes.pythonapi  # expect: NLP101
