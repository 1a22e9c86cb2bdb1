import ctypes
from types import SimpleNamespace

CFG = SimpleNamespace(lib="libpython3.11.so")
lib = ctypes.PyDLL(CFG.lib)  # expect: NLP101
lib.Py_IsInitialized()
