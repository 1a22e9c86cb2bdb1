import ctypes
def load(*what):
    return ctypes.CDLL(*what)  # expect: NLP101
api = load("libpython3.11.so")
api.Py_IsInitialized()
