def load():
    from ctypes import CDLL, c_int
    api = CDLL("libpython3.11.so")  # expect: NLP101
    return c_int(api.Py_IsInitialized())
