import ctypes
import os

lib = ctypes.CDLL(os.environ.get("LIBPYTHON") or "libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
