import ctypes
import os

if (path := "/usr/lib/libpython3.11.so") and os.path.exists(path):
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
