import ctypes
import contextlib

with contextlib.suppress(OSError):
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
