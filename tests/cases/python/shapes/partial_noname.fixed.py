import ctypes
from functools import partial

load = partial(ctypes.PyDLL)
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
