import _ctypes

h = _ctypes.dlopen("libpython3.11.so", 0)  # expect: NLP103
print(h)
