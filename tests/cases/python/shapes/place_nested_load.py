import ctypes
ctypes.PyDLL("libpython3.11.so").PyDict_New(ctypes.CDLL("libpython3.11.so"))  # expect: NLP101 # expect: NLP101
