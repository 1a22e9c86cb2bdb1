from ctypes import pythonapi

a = pythonapi  # expect: NLP101
b = pythonapi  # expect: NLP101
a.Py_IsInitialized()
b.Py_IsInitialized()
