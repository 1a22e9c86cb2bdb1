from ctypes import *

lib = cdll.LoadLibrary("libpython3.11.so.1.0")  # expect: NLP101
lib.Py_IsInitialized()
