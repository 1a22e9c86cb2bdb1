import ctypes; ctypes.CDLL("libpython3.11.so"); import sys  # expect: NLP102
print(sys)
