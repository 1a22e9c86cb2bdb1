import ctypes

try:
    lib = ctypes.CDLL("libpython3.11.so")  # expect: NLP102
except OSError:
    pass
