import ctypes
_handles = []
_handles.append(ctypes.pythonapi)  # expect: NLP101
_handles[0].Py_IsInitialized()
