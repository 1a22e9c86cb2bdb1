import ctypes
try:
    import vendor
except ImportError:
    ctypes.CDLL("libpython3.11.so", ctypes.RTLD_GLOBAL)  # expect: NLP102
    import vendor
