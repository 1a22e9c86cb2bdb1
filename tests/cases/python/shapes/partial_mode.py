import ctypes
import functools

load_global = functools.partial(ctypes.CDLL, mode=ctypes.RTLD_GLOBAL)
lib = load_global("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
