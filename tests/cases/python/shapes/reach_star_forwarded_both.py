import ctypes
def load(*args, **kwargs):
    return ctypes.CDLL(*args, **kwargs)  # expect: NLP101
api = load("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)
api.Py_IsInitialized()
