import ctypes
import contextlib

with contextlib.nullcontext(ctypes.PyDLL("libpython3.11.so")) as lib:  # expect: NLP101
    lib.Py_IsInitialized()
