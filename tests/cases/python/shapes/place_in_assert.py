import ctypes

assert ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
