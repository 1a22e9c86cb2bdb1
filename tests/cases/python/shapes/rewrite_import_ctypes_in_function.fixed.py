def f():
    import ctypes
    return ctypes.pythonapi.Py_GetVersion()  # expect: NLP101
