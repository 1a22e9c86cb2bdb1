import ctypes

try:
    lib = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
except OSError:
    pass
