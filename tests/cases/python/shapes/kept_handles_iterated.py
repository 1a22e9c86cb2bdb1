import ctypes
_handles = []
_handles.append(ctypes.CDLL("libpython3.11.so"))  # expect: NLP101
for handle in _handles:
    handle.Py_IsInitialized()
