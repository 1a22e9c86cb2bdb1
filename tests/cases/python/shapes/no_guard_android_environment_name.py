import ctypes
import os

if "ANDROID_ARGUMENT" in os.environ:
    name = "libpython3.11.so"
else:
    name = None
lib = ctypes.PyDLL(name)
lib.Py_IsInitialized()
