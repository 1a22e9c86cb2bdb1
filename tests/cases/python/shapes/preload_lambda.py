import ctypes
f = lambda: ctypes.CDLL("libpython3.11.so")  # expect: NLP101
