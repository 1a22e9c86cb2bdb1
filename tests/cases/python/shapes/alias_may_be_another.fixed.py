import ctypes
import ctypes as ct
import importlib
if importlib.util:
    import other as ct
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
print(ct)
