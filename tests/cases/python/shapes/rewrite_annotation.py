from ctypes import PyDLL

api: PyDLL = PyDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
