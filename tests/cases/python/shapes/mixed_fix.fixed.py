from ctypes import CDLL, pythonapi
a = pythonapi  # expect: NLP101
a.Py_IsInitialized()
b = CDLL("libpython3.11.so")  # expect: NLP101
b.Py_Initialize()
