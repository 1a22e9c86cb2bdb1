import ctypes
handles = []
handles.append(ctypes.CDLL("libpython3.11.so"))  # expect: NLP101
