import importlib

ctypes = importlib.import_module("ctypes")
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
