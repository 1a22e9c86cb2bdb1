import ctypes
_handles = [ctypes.CDLL("libpython3.11.so")]  # expect: NLP102
