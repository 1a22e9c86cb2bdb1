import ctypes
import os

for name in ("/a/libpython3.11.so", "/b/libpython3.11.so"):
    if os.path.exists(name):
        break
else:
    raise SystemExit
ctypes.PyDLL(name).Py_IsInitialized()  # expect: NLP101
