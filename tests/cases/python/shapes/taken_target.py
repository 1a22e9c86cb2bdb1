from ctypes import PyDLL

pythonapi = PyDLL("libpython3.11.so")  # expect: NLP101
pythonapi.Py_IsInitialized()
