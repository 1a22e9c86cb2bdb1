import ctypes

assert ctypes.pythonapi  # expect: NLP101
