from ctypes import RTLD_GLOBAL, pythonapi
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
