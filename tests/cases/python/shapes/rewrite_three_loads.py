from ctypes import CDLL

a = CDLL("libpython3.11.so")  # expect: NLP101
b = CDLL("libpython3.12.so")  # expect: NLP101
c = CDLL("libpython3.13.so")  # expect: NLP101
a.Py_IsInitialized(), b.Py_IsInitialized(), c.Py_IsInitialized()
