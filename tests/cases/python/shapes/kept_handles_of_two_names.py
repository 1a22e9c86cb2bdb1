import ctypes
_handles = libraries = []
_handles.append(ctypes.CDLL("libpython3.11.so"))  # expect: NLP101
