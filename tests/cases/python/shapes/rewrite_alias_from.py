from ctypes import CDLL as Load
api = Load("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
