import ctypes

api = ctypes.pythonapi
api.Py_IncRef(ctypes.py_object(api))
ctypes.PyDLL(None).Py_IsInitialized()
