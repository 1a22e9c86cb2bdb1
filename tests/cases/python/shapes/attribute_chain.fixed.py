import ctypes

ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
