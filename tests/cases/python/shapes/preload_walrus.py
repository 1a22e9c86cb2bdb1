import ctypes
(lib := ctypes.CDLL("libpython3.11.so"))  # expect: NLP101
