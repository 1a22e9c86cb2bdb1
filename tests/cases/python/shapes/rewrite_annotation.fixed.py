from ctypes import PyDLL, pythonapi

api: PyDLL = pythonapi  # expect: NLP101
api.Py_IsInitialized()
