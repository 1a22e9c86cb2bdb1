import ctypes
import os

assert os.environ.get("ANDROID_ARGUMENT")
lib = ctypes.PyDLL("libpython3.11.so")
lib.Py_IsInitialized()
