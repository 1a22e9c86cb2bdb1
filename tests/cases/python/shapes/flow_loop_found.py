import ctypes
import os

found = None
for d in ("/usr/lib", "/usr/local/lib"):
    p = os.path.join(d, "libpython3.11.so")
    if os.path.exists(p):
        found = p
        break
if found:
    ctypes.PyDLL(found).Py_IsInitialized()  # expect: NLP101
