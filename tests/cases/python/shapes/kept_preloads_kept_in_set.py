import ctypes
_handles = set()
_handles.add(ctypes.CDLL("libpython3.11.so"))  # expect: NLP102
