from ctypes import pythonapi
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
