import ctypes

h = ctypes._dlopen("libpython3.11.so", ctypes.DEFAULT_MODE)  # expect: NLP103
print(h)
