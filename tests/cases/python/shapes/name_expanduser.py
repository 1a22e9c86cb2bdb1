import ctypes
import os

lib = ctypes.PyDLL(os.path.expanduser("~/miniconda3/lib/libpython3.11.so"))  # expect: NLP101
lib.Py_IsInitialized()
