import ctypes
class Name:
    def __call__(self, version):
        return f"libpython{version}.so"
name = Name()
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
