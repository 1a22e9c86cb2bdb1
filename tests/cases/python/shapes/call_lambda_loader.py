import ctypes

load = lambda: ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
load().Py_IsInitialized()
