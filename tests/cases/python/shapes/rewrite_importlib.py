import importlib
ct = importlib.import_module("ctypes")
api = ct.PyDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
