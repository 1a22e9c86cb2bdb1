import ctypes
import os
api = ctypes.PyDLL([p for p in ("/a/libpython3.11.so", "/b/libpython3.11.so") if os.path.exists(p)][0])  # expect: NLP101
api.Py_IsInitialized()
