import ctypes
import os

if "ANDROID_ARGUMENT" in os.environ:
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
