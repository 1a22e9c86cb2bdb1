import ctypes
print(1)
ctypes.CDLL("libpython3.11.so")  # expect: NLP102
