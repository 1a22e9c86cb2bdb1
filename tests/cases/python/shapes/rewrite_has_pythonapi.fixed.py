from ctypes import py_object, pythonapi
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
pythonapi.Py_IncRef(py_object(api))
