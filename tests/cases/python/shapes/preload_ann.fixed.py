import ctypes
lib: ctypes.CDLL = ctypes.pythonapi  # expect: NLP101
