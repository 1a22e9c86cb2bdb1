import ctypes
_handles = []
_handles.append(ctypes.CDLL("libc.so.6"))
_handles.append(ctypes.CDLL("libpython3.11.so"))  # expect: NLP102
