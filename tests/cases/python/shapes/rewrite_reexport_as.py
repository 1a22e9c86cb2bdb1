from ctypes import CDLL as CDLL

api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
