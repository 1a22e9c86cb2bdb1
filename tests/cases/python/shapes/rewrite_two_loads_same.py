from ctypes import CDLL, PyDLL

a = CDLL("libpython3.11.so")  # expect: NLP101
b = PyDLL("libpython3.11.so")  # expect: NLP101
a.Py_IsInitialized()
b.Py_IsInitialized()
