from ctypes import PyDLL, py_object, pythonapi
api = PyDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
pythonapi.Py_IncRef(py_object(api))
