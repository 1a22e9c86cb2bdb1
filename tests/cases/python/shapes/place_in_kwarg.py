import ctypes

print(end=str(ctypes.PyDLL("libpython3.11.so")))  # expect: NLP101
