import ctypes
from kivy.utils import platform

if platform == "android":
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
