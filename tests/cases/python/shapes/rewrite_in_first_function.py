def check():
    from ctypes import PyDLL, c_int
    api = PyDLL("libpython3.11.so")  # expect: NLP101
    from ctypes import pythonapi as other
    pythonapi = other
    return api.PyLong_AsLong(pythonapi, c_int(1))
