import importlib

ctypes = importlib.import_module("ctypes")
lib = ctypes.PyDLL("libpython3.11.so.1.0")  # expect: NLP101
lib.Py_IsInitialized()
