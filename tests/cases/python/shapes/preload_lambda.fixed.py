import ctypes
f = lambda: ctypes.pythonapi  # expect: NLP101
