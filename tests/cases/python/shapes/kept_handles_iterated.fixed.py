import ctypes
_handles = []
_handles.append(ctypes.pythonapi)  # expect: NLP101
for handle in _handles:
    handle.Py_IsInitialized()
