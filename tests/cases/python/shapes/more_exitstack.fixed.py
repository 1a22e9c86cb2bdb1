import contextlib
import ctypes

with contextlib.ExitStack() as stack:
    lib = ctypes.pythonapi  # expect: NLP101
    stack.callback(lib.Py_IsInitialized)
