import ctypes

load = ctypes.cdll.LoadLibrary
lib = load("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
