import ctypes
import os

path = next((p for p in ("/usr/lib/libpython3.11.so", "/lib/libpython3.11.so") if os.path.exists(p)), None)
lib = ctypes.PyDLL(path)  # expect: NLP101
lib.Py_IsInitialized()
