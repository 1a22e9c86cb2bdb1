import ctypes
class Name:
    def __call__(self, version):
        return f"libpython{version}.so"
name = Name()
api = ctypes.CDLL(name("3.11"))  # expect: NLP101
api.Py_IsInitialized()
