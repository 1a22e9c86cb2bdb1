from ctypes import PyDLL
from ctypes import pythonapi
api = PyDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
pythonapi.Py_IsInitialized()
