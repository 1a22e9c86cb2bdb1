import ctypes; api = ctypes.pythonapi; api.Py_IsInitialized()  # expect: NLP101
