def load():
    from ctypes import c_int, pythonapi
    api = pythonapi  # expect: NLP101
    return c_int(api.Py_IsInitialized())
