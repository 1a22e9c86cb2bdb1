import ctypes

try:
    lib = ctypes.pythonapi  # expect: NLP101
except OSError:
    pass
