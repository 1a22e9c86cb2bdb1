import ctypes
from kivy.utils import platform

if platform == "android":
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
