import ctypes as ct
import importlib
if importlib.util:
    import other as ct
api = importlib.import_module("ctypes").PyDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
print(ct)
