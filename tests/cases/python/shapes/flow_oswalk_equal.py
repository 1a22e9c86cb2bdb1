import ctypes
import os

for root, dirs, files in os.walk("/usr/lib"):
    for f in files:
        if f == "libpython3.11.so":
            ctypes.PyDLL(os.path.join(root, f)).Py_IsInitialized()  # expect: NLP101
