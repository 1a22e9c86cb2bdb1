from importlib import import_module

lib = import_module("ctypes").PyDLL("libpython3.11.so.1.0")  # expect: NLP101
lib.Py_IsInitialized()
