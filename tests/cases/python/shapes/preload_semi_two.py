import ctypes
ctypes.CDLL("libpython3.11.so"); ctypes.CDLL("libpython3.12.so")  # expect: NLP102 # expect: NLP102
