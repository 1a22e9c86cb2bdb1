import contextlib
import ctypes

with contextlib.ExitStack() as stack:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    stack.callback(lib.Py_IsInitialized)
