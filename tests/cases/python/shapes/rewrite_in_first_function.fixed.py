import ctypes
def check():
    from ctypes import c_int
    api = ctypes.pythonapi  # expect: NLP101
    from ctypes import pythonapi as other
    pythonapi = other
    return api.PyLong_AsLong(pythonapi, c_int(1))
