def f():
    import ctypes
    return ctypes.PyDLL("libpython3.11.so").Py_GetVersion()  # expect: NLP101
