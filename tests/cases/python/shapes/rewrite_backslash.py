from ctypes import CDLL, \
    c_int
api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
print(c_int)
