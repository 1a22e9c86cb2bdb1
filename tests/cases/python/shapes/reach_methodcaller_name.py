import ctypes
from operator import methodcaller
load = methodcaller("PyDLL", "libpython3.11.so")
api = load(ctypes)  # expect: NLP101
api.Py_IsInitialized()
