import ctypes

LIBS = [ctypes.CDLL("libc.so.6"), ctypes.pythonapi]  # expect: NLP101
