from ctypes import pythonapi, util
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
