def version():
    import ctypes

    lib = ctypes.pythonapi  # expect: NLP101
    return lib.Py_GetVersion()
