import ctypes
import os

lib = ctypes.CDLL(os.getenv("LIBPYTHON", default="libpython3.11.so"))  # expect: NLP101
lib.Py_IsInitialized()
