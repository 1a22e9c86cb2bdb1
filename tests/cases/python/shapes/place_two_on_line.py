import ctypes

a, b = ctypes.PyDLL("libpython3.11.so"), ctypes.CDLL("libpython3.11.so")  # expect: NLP101 # expect: NLP101
print(a, b)
