import ctypes
import os

if os.environ.get("ANDROID_ARGUMENT"):
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
