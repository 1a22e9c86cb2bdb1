import ctypes
import os

if "ANDROID_ARGUMENT" in os.environ:
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
