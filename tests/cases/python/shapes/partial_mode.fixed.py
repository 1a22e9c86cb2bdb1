import ctypes
import functools

load_global = functools.partial(ctypes.CDLL, mode=ctypes.RTLD_GLOBAL)
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
