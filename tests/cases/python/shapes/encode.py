import ctypes
import os

lib = ctypes.PyDLL("libpython3.11.so".encode())  # expect: NLP101
lib.Py_IsInitialized()
