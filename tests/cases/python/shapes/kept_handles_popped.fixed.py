import ctypes
_handles = []
_handles.append(ctypes.pythonapi)  # expect: NLP101
api = _handles.pop()
api.Py_IsInitialized()
