from ctypes import c_int, \
    pythonapi
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
print(c_int)
