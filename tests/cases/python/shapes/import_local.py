def version():
    import ctypes

    lib = ctypes.PyDLL("libpython3.11.so.1.0")  # expect: NLP101
    return lib.Py_GetVersion()
