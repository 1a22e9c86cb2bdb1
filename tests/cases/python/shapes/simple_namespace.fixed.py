import ctypes
from types import SimpleNamespace

CFG = SimpleNamespace(lib="libpython3.11.so")
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
