import ctypes
import os

api = ctypes.PyDLL(os.sep.join(["", "usr", "lib", "libpython3.11.so"]))  # expect: NLP101
api.Py_IsInitialized()
