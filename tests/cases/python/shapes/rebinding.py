from ctypes import CDLL
api = CDLL("libpython3.11.so")  # expect: NLP101
CDLL = None
api.Py_IsInitialized()
