import ctypes
import os
api = ctypes.PyDLL(next(filter(os.path.exists, ["/usr/lib/libpython3.11.so", "/lib/libpython3.11.so"])))  # expect: NLP101
api.Py_IsInitialized()
