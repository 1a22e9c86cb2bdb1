from ctypes import CDLL as CDLL, pythonapi

api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
