import ctypes

try:
    pass
except OSError:
    pass
