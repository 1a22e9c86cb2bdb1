import importlib
ct = importlib.import_module("ctypes")
api = ct.pythonapi  # expect: NLP101
api.Py_IsInitialized()
