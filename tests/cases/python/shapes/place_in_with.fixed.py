import ctypes
import contextlib

with contextlib.nullcontext(ctypes.pythonapi) as lib:  # expect: NLP101
    lib.Py_IsInitialized()
