from ctypes import *

api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
