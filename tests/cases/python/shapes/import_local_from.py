def version():
    from ctypes import PyDLL

    lib = PyDLL("libpython3.11.so.1.0")  # expect: NLP101
    return lib.Py_GetVersion()
