import ctypes; ctypes.CDLL("libpython3.11.so"); import vendor  # expect: NLP102
