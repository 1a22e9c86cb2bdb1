import ctypes
_handles = []
_handles.append(ctypes.CDLL("libpython3.11.so"))  # expect: NLP101
_handles[0].Py_IsInitialized()
