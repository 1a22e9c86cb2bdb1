import ctypes

print(ctypes.CDLL("libpython3.11.so").Py_GetVersion)  # expect: NLP101
