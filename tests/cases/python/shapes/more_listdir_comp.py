import ctypes
import os

names = [name for name in os.listdir("/usr/lib") if name.startswith("libpython3.") and name.endswith(".so")]
lib = ctypes.CDLL(names[0])  # expect: NLP101
lib.Py_IsInitialized()
