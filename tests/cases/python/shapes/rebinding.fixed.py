from ctypes import CDLL, pythonapi
api = pythonapi  # expect: NLP101
CDLL = None
api.Py_IsInitialized()
