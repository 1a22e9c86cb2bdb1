import ctypes
from functools import partial

load = partial(ctypes.PyDLL)
lib = load("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
