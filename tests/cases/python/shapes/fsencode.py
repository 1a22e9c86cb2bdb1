import ctypes
import os

lib = ctypes.PyDLL(os.fsencode("libpython3.11.so"))  # expect: NLP101
lib.Py_IsInitialized()
