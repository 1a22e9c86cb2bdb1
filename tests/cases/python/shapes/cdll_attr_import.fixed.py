from ctypes import pythonapi

pythonapi.Py_IsInitialized()  # expect: NLP101
