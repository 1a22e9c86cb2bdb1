def version():
    from ctypes import pythonapi

    lib = pythonapi  # expect: NLP101
    return lib.Py_GetVersion()
