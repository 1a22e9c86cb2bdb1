import ctypes
import os

for directory in ("/usr/lib", "/usr/local/lib"):
    for name in ("libpython3.11.so", "libpython3.11.so.1.0"):
        path = os.path.join(directory, name)
        if os.path.exists(path):
            lib = ctypes.PyDLL(path)  # expect: NLP101
            lib.Py_IsInitialized()
