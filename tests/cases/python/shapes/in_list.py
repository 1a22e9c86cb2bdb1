import ctypes

LIBS = [ctypes.CDLL("libc.so.6"), ctypes.CDLL("libpython3.11.so")]  # expect: NLP101
